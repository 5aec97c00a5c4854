import { configure } from '@testing-library/svelte';

// tests wait for what they expect; the limit is for a machine that is busy with something else
configure({ asyncUtilTimeout: 10_000 });

// the person at the desk of these tests, who reads English dates and 24 hours
Object.defineProperty(navigator, 'languages', { value: ['en-GB'], configurable: true });

// nor does it open dialogs
HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.open = true;
};

// jsdom has no notion of sizes
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
