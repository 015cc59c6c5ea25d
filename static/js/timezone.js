// Chooses the browser's time zone in the field for it, where the person has not chosen another one yet.
const field = document.querySelector("select[name=time_zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field.value === "UTC" && [...field.options].some((option) => option.value === zone)) field.value = zone;
