import { configure } from '@testing-library/svelte';

// tests wait for what they expect; the limit is for a machine that is busy with something else
configure({ asyncUtilTimeout: 10_000 });

// jsdom has no notion of sizes
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
