// The texts of administration, which only those who open it have to load.
import ".";
import english from "./en.admin.json";
import { addTexts } from "./texts";

await addTexts(english, () => import("./de.admin.json"));
