/** The pages in any browser: `npm run dev`, then /tests/fake/?scene=inbox and the other names in scenes.ts. */
import { mount } from 'svelte';

import App from '../../src/App.svelte';
import { scenes } from './scenes';

const name = new URLSearchParams(location.search).get('scene') ?? 'inbox';
const transport = (scenes[name] ?? scenes['inbox'])!();
mount(App, { target: document.body, props: { transport } });
Object.assign(globalThis, { fake: transport });
