// The texts of the settings, which only those who open them have to load.
import i18n from ".";
import texts from "./en.settings.json";

i18n.addResourceBundle("en", "translation", texts, true);
