/** The page as the window loads it: the real agent behind it. */
import { mount } from 'svelte';

import App from './App.svelte';
import { tauri } from './ipc';

mount(App, { target: document.body, props: { transport: tauri } });
