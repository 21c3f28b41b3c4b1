// The texts of what is beside the editor, which come with it.
import ".";
import english from "./en.tools.json";
import { addTexts } from "./texts";

await addTexts(english, () => import("./de.tools.json"));
