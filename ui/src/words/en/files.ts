/** Files that notifications come with. */
export const files = {
  label: 'File',
  from: (site: string) => `A file from ${site}`,
  download: 'Download',
  downloadOf: (name: string) => `Download ${name}`,
  until: (time: string) => `until ${time}`,
  gone: 'no longer there',
};
