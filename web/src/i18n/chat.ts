// The texts of conversations, which only the pages that show some have to load.
import ".";
import english from "./en.chat.json";
import { addTexts } from "./texts";

await addTexts(english, () => import("./de.chat.json"));
