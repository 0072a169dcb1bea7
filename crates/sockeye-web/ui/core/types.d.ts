/**
 * The shapes that the areas share: what `app` gives, and, from wire.d.ts, what the server's JSON is.
 * Types only: nothing of this file is loaded by a browser.
 */

import type { About, Draft, Rate, Run, Scope, Selection } from "./wire.js";

export * from "./wire.js";

/** What an element is given inside: text becomes text nodes, lists are laid out flat, nothing is left out. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

export type Params = Record<string, string | number | boolean | null | undefined | (string | number)[]>;

export interface Api {
  get(path: string, params?: Params | null, options?: { signal?: AbortSignal }): Promise<any>;
  post(path: string, body?: unknown): Promise<any>;
  put(path: string, body: unknown, options?: { etag?: string | null }): Promise<{ value: any; etag: string | null }>;
  putBytes(path: string, params: Params | null, bytes: Uint8Array): Promise<any>;
  remove(path: string): Promise<any>;
  bytes(path: string, params?: Params | null): Promise<{ bytes: Uint8Array; length: number }>;
  blob(path: string, params?: Params | null): Promise<Blob>;
  /** GET with its ETag. */
  tagged(path: string): Promise<{ value: any; etag: string | null }>;
}

export interface Topics {
  runs: [];
  run: [id: number];
  grew: [id: number];
  rates: [id: number, second: number, rate: Rate];
  shake: [id: number];
  current: [];
  connected: [];
  selection: [];
}

export interface State {
  readonly runs: Map<number, Run>;
  readonly current: number | null;
  readonly conversations: Set<number>;
  readonly connected: boolean;
  readonly about: About;
  readonly selection: Selection | null;
  on<T extends keyof Topics>(topic: T, listener: (...args: Topics[T]) => void): () => void;
  show(id: number | null, conversations?: Iterable<number>): void;
  select(selection: Selection | null): void;
  may(scope: Scope): boolean;
  /** Takes in a Run that an answer brought, before the watch brings it too. */
  put(run: Run): void;
  /** The run is gone, before the watch says so. */
  forget(id: number): void;
}

export type Language = "en" | "zh-CN";
export type Args = Record<string, string | number>;

export interface Words {
  /** The text of a key. With `{n: 1}` the key `KEY.one` is taken where there is one. */
  t(key: string, args?: Args): string;
  has(key: string): boolean;
  readonly language: Language;
  use(language: Language): Promise<void>;
  /** Called after the language has changed. */
  on(listener: () => void): () => void;
  size(bytes: number): string;
  count(n: number): string;
  duration(ns: number): string;
  rate(bytesPerSecond: number): string;
  clock(unixMs: number): string;
  /** What the server says in English, in this language where the catalogue has the sentence. */
  said(text: string): string;
  error(failure: unknown): { title: string; text: string; hint: string | null };
}

export interface Key {
  /** `mod+k`, `?`, `alt+1`, `shift+enter`. mod: Ctrl, on a Mac Command. */
  keys: string;
  /** The words key of what it does. */
  what: string;
  run(event: KeyboardEvent): void;
  when?(): boolean;
}

export interface Keys {
  add(key: Key): () => void;
  list(): Key[];
}

export interface Settings {
  get<N extends keyof SettingValues>(name: N): SettingValues[N];
  set<N extends keyof SettingValues>(name: N, value: SettingValues[N]): void;
  on<N extends keyof SettingValues>(name: N, listener: (value: SettingValues[N]) => void): () => void;
}

export interface SettingValues {
  language: Language;
  theme: "auto" | "light" | "dark";
  time: "clock" | "since" | "delta" | "off";
  view: "auto" | "text" | "hex" | "both";
  by: "reads" | "frames";
  follow: boolean;
}

export type Section = "settings" | "quick" | "history" | "eol" | "drafts" | "encodings";

export interface Keepsakes {
  get(section: Section): any;
  set(section: Section, value: unknown): void;
  on(section: Section, listener: (value: any) => void): () => void;
}

export interface App {
  api: Api;
  state: State;
  words: Words;
  keys: Keys;
  settings: Settings;
  keepsakes: Keepsakes;
  /** Opens the dialog "open". By area/open. */
  open(draft?: Partial<Draft>): void;
  /** Shows the lessons, begins one, or goes on with the one of a run. By area/lessons. */
  learn(program?: string, run?: number): void;
  /** Shows a tab of the inspector (`bytes` without a name). By the frame. */
  look(tab?: string): void;
  /** Sets the framing that a run is looked at by. By area/stream. */
  lens(run: number, frame: string | null): void;
  /** The framing that a run is looked at by: the one set here, else its own. By area/stream. */
  lensOf(run: number): string;
  /** Sets the encoding that a run is looked at by, here and in the inspector. By area/stream. */
  encoding(run: number, encoding: string): void;
  /** Looks for a text in the run that is shown. By area/stream. */
  find(run: number, text: string): void;
  /** Sets the framing that a run is sent to by. By area/composer. */
  frame(run: number, frame: string | null): void;
  /** Sets the encoding that a run is sent to in. By area/composer. */
  encode(run: number, encoding: string | null): void;
  /** Sets the checksum that a run is sent to with. By area/composer. */
  checksum(run: number, checksum: string | null): void;
}

export interface Mounted {
  destroy(): void;
}

export type Mount = (root: HTMLElement, app: App) => Mounted;

/** A tab of the inspector that area/tools gives. */
export interface Tab {
  id: string;
  /** The words key of its name. */
  label: string;
  mount: Mount;
  when?(run: Run | null): boolean;
}
