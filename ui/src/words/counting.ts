/** Numbers and plural forms of a language. */

export interface Counting {
  /** A number as it is written, with at most so many decimals. */
  number(value: number, decimals?: number): string;
  /** The form of a language that goes with a count; `other` where it has none of its own. */
  plural(count: number, forms: Forms): string;
}

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

export function counting(locale: string): Counting {
  const rules = new Intl.PluralRules(locale);
  const formats = [0, 1].map((decimals) => new Intl.NumberFormat(locale, { maximumFractionDigits: decimals }));
  return {
    number: (value, decimals = 0) => (formats[decimals] ?? formats[0]!).format(value),
    plural: (count, forms) => forms[rules.select(count)] ?? forms.other,
  };
}
