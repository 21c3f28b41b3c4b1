// The texts of the settings, which only those who open them have to load.
import ".";
import english from "./en.settings.json";
import { addTexts } from "./texts";

await addTexts(english, () => import("./de.settings.json"));
