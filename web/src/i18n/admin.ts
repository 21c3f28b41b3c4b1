// The texts of administration, which only those who open it have to load.
import i18n from ".";
import texts from "./en.admin.json";

i18n.addResourceBundle("en", "translation", texts, true);
