/**
 * The server's JSON: what stands in its answers and what it is asked. Types only.
 */

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
  what: "steps" | "file";
  state: "running" | "done" | "missed" | "stopped" | "failed";
  done: number;
  times: number | null;
  at: string | null;
  why: string | null;
}

export interface Run {
  id: number;
  /** The number of the last message about it that is in here. */
  v: number;
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
  /** The newest 500 of those, and the last hundred that ended; by number. */
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

/** What of a run has changed since message `v - 1` about it. What does not fit comes with the next. */
export interface Changed {
  id: number;
  v: number;
  run?: Partial<Run>;
  /** Those that are new, or have ended. */
  conversations?: Conversation[];
  /** c, bytes in and out, reads and writes of those that moved. */
  counts?: [number, number, number, number, number][];
  /** The numbers of those that are listed, from and to; the others are let go. */
  here?: [number, number][];
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
  /** Of a frame: false where it has no end. */
  whole?: boolean;
  open?: { role: string; local: string; peer: string; proto: string };
  close?: { by: string; how: string; why: string | null };
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
