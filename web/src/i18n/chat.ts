// The texts of conversations, which only the pages that show some have to load.
import i18n from ".";
import texts from "./en.chat.json";

i18n.addResourceBundle("en", "translation", texts, true);
