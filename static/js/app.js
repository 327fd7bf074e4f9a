// One entry for every page; each module works on its own and the page works without any.
import "./theme.js";
import "./dialog.js";
import "./toasts.js";
import "./menu.js";
import "./combobox.js";
import "./choosing.js";
import "./disclosure.js";
import "./tabs.js";
import "./kept.js";
import "./forms.js";
import "./htmx-setup.js";
import "./zone-offer.js";
