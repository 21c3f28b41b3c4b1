/** Hands something that the page has made to the browser as a download. */
export function saveFile(content: Blob, name: string) {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download may begin a little later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
