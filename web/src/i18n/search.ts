// The texts of the search, which come with it.
import ".";
import english from "./en.search.json";
import { addTexts } from "./texts";

await addTexts(english, () => import("./de.search.json"));
