// The texts of the search, which come with it.
import i18n from ".";
import texts from "./en.search.json";

i18n.addResourceBundle("en", "translation", texts, true);
