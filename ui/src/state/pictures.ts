/** Pictures that were fetched by the agent, for as long as the window is open: none is fetched twice. */
import type { Transport } from '../ipc';

/** What a picture may be; the agent has looked at its bytes. */
const kinds = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Pictures that are remembered; one is a megabyte at the most. */
const MOST = 24;

export class Pictures {
  #known = new Map<string, Promise<string>>();
  #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A picture that a notification names, as a `data:` URL. Rejects with a `Failure`. */
  fetch(id: number, url: string): Promise<string> {
    // the permission is the notification's account's
    const key = `${id} ${url}`;
    let picture = this.#known.get(key);
    if (!picture) {
      picture = this.#ask(id, url);
      picture.catch(() => this.#known.delete(key));
      this.#known.set(key, picture);
      const [oldest] = this.#known.keys();
      if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    }
    return picture;
  }

  async #ask(id: number, url: string): Promise<string> {
    const reply = await this.#transport.control({ method: 'picture', params: { id, url } });
    if (reply.reply !== 'picture' || !kinds.has(reply.value.media_type)) {
      throw { code: 'PICTURE_UNAVAILABLE', message: 'not a picture' };
    }
    return `data:${reply.value.media_type};base64,${reply.value.base64}`;
  }
}
