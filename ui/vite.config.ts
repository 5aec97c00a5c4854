import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { gemoji } from 'gemoji';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** The pictures by their short names, one a line; of the package, which knows ten times as much, only that is built in. */
const emoji: Plugin = {
  name: 'emoji',
  resolveId: (id) => (id === 'virtual:emoji' ? `\0${id}` : null),
  load(id) {
    if (id !== '\0virtual:emoji') return null;
    const lines = gemoji.map(({ emoji: picture, names }) => [picture, ...names].join(' '));
    return `export default ${JSON.stringify(lines.join('\n'))}`;
  },
};

// `npm run dev` also serves tests/fake/, where the pages run in any browser against an agent that is made up.
export default defineConfig({
  plugins: [emoji, svelte(), svelteTesting()],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    // the oldest engines the window meets: WebKitGTK 2.40, Safari 16.4, and WebView2, which keeps itself current
    target: ['safari16.4', 'chrome111'],
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'], testTimeout: 30_000 },
});
