/**
 * The shapes that the areas share: what the server's JSON is, and what `app` gives.
 * Types only: nothing of this file is loaded by a browser.
 */

/** What an element is given inside: text becomes text nodes, lists are laid out flat, nothing is left out. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

export type Scope = "look" | "act";
export type Way = "in" | "out";

/** What failed, as the server says it; also `Run.error`. */
export interface Failure {
  code: string;
  text: string;
  hint?: string | null;
  field?: string | null;
}

export interface EndpointOption {
  name: string;
  /** How it is written: `ttl=N`, `nodelay`. */
  write: string;
  what: string;
}

/** What this server is and can do; asked once, and again after a reconnect. */
export interface About {
  sockeye: string;
  instance: string;
  may: Scope[];
  exec: boolean;
  login: boolean;
  home: string;
  kept: string | null;
  /** Unix ms of the server's clock. */
  now: number;
  encodings: string[];
  checksums: string[];
  framings: { write: string; what: string }[];
  faults: { write: string; what: string }[];
  serial: string[];
  interfaces: { name: string; addresses: string[] }[];
  endpoints: { scheme: string; write: string; options: EndpointOption[] }[];
  classics: { program: string; port: number; transport: string }[];
}

/** What is to be opened: the flags of the command line, as it writes them. */
export interface Draft {
  do: "connect" | "listen" | "relay" | "replay" | "shake" | "capture" | "lesson" | "tape" | "demo";
  name?: string;
  endpoint?: string;
  frame?: string;
  encoding?: string;
  checksum?: string;
  eol?: string;
  on?: string[];
  "idle-timeout"?: string;
  "read-size"?: string;
  reconnect?: string;
  wait?: string;
  reply?: string;
  "close-after-reply"?: boolean;
  "max-conns"?: string;
  allow?: string[];
  deny?: string[];
  exec?: string;
  a?: string;
  b?: string;
  fault?: string;
  seed?: string;
  tape?: number | null;
  conversation?: number;
  "as-server"?: boolean;
  speed?: string;
  send?: string[];
  budget?: string;
  pause?: string;
  of?: number | null;
  endpoints?: string[];
  program?: string;
  language?: string;
  file?: number;
}

export interface Conversation {
  c: number;
  peer: string;
  local: string;
  proto: string;
  role: "accept" | "dial";
  /** Of a relay: the conversation on its other side. */
  pair: number | null;
  open: boolean;
  in: number;
  out: number;
  reads: number;
  writes: number;
  close: { by: string; how: string; why: string | null } | null;
}

export interface SequenceProgress {
  sequence: number;
  state: "running" | "done" | "missed" | "stopped" | "failed";
  done: number;
  times: number | null;
  at: string | null;
  why: string | null;
}

export interface Run {
  id: number;
  do: Draft["do"];
  name: string;
  draft: Draft;
  command: string;
  state: "starting" | "open" | "ended";
  endpoint: string | null;
  dialable: string[];
  proto: string;
  /** Unix ms: what t=0 of its events is. */
  began: number;
  accepting: boolean;
  frame: string | null;
  encoding: string;
  events: number;
  said: number;
  /** Conversations that are open. */
  open: number;
  /** The open ones, and the last hundred that ended. */
  conversations: Conversation[];
  error: Failure | null;
  closing: string | null;
  rules: string[];
  reply: string | null;
  faults: string | null;
  sequences: SequenceProgress[];
  /** The workbench was killed while it ran. */
  interrupted: boolean;
}

/** One second of a run. Times in nanoseconds. */
export interface Rate {
  in: number;
  out: number;
  inEvents: number;
  outEvents: number;
  trips: number;
  tripP50: number | null;
  tripMax: number | null;
}

export type RowKind = "in" | "out" | "frame" | "open" | "close" | "note" | "fault" | "error";

export interface Row {
  /** Its number in this view. */
  k: number;
  /** The event's number; of a frame the event in which it was complete. */
  n: number;
  /** Nanoseconds since the run began. */
  t: number;
  c: number | null;
  kind: RowKind;
  /** Of a frame. */
  dir?: Way;
  off?: number;
  len?: number;
  /** Base64 of the first 256 bytes at most. */
  data?: string;
  /** `[from, len, flags]`: flags bit 0: began before this row, bit 1: goes on after it. */
  frames?: [number, number, number][];
  /** Of a frame: the offsets in it at which a new read began. */
  cuts?: number[];
  from?: string | null;
  text?: string;
  code?: string;
}

export interface Rows {
  first: number;
  total: number;
  events: number;
  searched: number;
  forgotten: number;
  rows: Row[];
}

export interface Selection {
  run: number;
  c: number;
  dir: Way | null;
  n: number;
  off: number;
  len: number;
  from: "row" | "bytes";
  row: Row;
}

export type Eol = "none" | "lf" | "crlf" | "cr";
export type To = "all" | number[];

export interface Message {
  kind: "text" | "hex";
  data: string;
  escapes?: boolean;
  encoding?: string;
  eol?: Eol;
  checksum?: string;
  /** Absent: the run's; empty: none. */
  frame?: string;
}

export type Send = { to: To } & ({ message: Message } | { file: number; piece?: string; gap?: string });
export type Step = { send: Message } | { wait: string } | { expect: string; within: string };

export interface LessonState {
  program: string;
  [key: string]: unknown;
}

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
  /** Shows the lessons, or one. By area/lessons. */
  learn(program?: string): void;
  /** Shows a tab of the inspector (`bytes` without a name). By the frame. */
  look(tab?: string): void;
  /** Sets the framing that a run is looked at by. By area/stream. */
  lens(run: number, frame: string | null): void;
  /** Sets the framing that a run is sent to by. By area/composer. */
  frame(run: number, frame: string | null): void;
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
