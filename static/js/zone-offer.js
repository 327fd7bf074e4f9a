// Tells the server once a page where this browser is, while nobody has said where the workspace's days are counted.

const slot = document.querySelector("[data-zone-offer]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (slot && zone) {
  const url = `${slot.dataset.zoneOffer}?zone=${encodeURIComponent(zone)}`;
  htmx.ajax("GET", url, { source: slot, target: slot, swap: "innerHTML" }).catch(() => {});
}
