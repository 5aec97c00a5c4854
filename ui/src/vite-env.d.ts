/// <reference types="svelte" />
/// <reference types="vite/client" />

/** Pictures and their short names, one picture a line; made in vite.config.ts. */
declare module 'virtual:emoji' {
  const lines: string;
  export default lines;
}
