/** What a screen reader is told of what happens elsewhere on the page. */
export class Voice {
  /** What is told now; a word said twice is told twice. */
  told = $state.raw<{ text: string } | null>(null);

  say(text: string): void {
    this.told = { text };
  }
}
