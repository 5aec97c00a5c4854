/**
 * Which language the window speaks: the one that was chosen, else the system's. Whatever reads `words()` while it is
 * drawn is drawn anew when the language changes.
 */
import type { Language } from '../bindings/Language';
import { en, type Words } from './en';
import { ptBR } from './pt-BR';

export type { Words };

export type Tongue = Exclude<Language, 'system'>;

const tongues: Record<Tongue, Words> = { en, 'pt-BR': ptBR };

let chosen = $state<Language>('system');
let preferred = $state.raw<readonly string[]>(navigator.languages);

addEventListener('languagechange', () => (preferred = navigator.languages));

/** Takes what the person has chosen. */
export function speak(language: Language): void {
  chosen = language;
}

/** The language that is spoken: of the system's, the first that there are words for. */
export function tongue(): Tongue {
  if (chosen !== 'system') return chosen;
  return preferred.map(tongueOf).find((known) => known !== undefined) ?? 'en';
}

/** The words of that language. */
export function words(): Words {
  return tongues[tongue()];
}

/** How dates are written: in the language that is spoken, as in the person's region where the system names one. */
export function locale(): string {
  const spoken = tongue();
  const regional = preferred.find((name) => name.includes('-') && tongueOf(name) === spoken);
  return regional ?? (spoken === 'en' ? 'en-GB' : spoken);
}

function tongueOf(name: string): Tongue | undefined {
  const [language] = name.toLowerCase().split('-');
  return language === 'pt' ? 'pt-BR' : language === 'en' ? 'en' : undefined;
}
