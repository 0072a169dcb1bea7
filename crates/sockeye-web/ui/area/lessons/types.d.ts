/**
 * What the server tells of a lesson. Types only.
 */

export type SideName = "server" | "client";

/** A recv, a send, or the beginning or end of a conversation. */
export interface Move {
  /** Its number among the moves of both sides. */
  n: number;
  /** During which step it happened. */
  at: number;
  t: number;
  c: number;
  kind: "open" | "in" | "out" | "close";
  off: number;
  len: number;
  /** Base64 of the first bytes. */
  data: string;
  text: string;
}

export interface Side {
  run: number | null;
  state: "absent" | "bound" | "open" | "over";
  endpoint: string | null;
  types: boolean;
  choices: string[];
  waiting: number;
  lines: { at: number; text: string }[];
  moves: Move[];
}

export interface Step {
  side: SideName;
  calls: string[];
  sees: string[];
  /** The words key of what is told of it. */
  text: string;
  types: string | null;
  /** Whether one's own text can stand in its place. */
  free: boolean;
  wrong: string[];
  done: boolean;
  outcome: "done" | "late" | "skipped" | null;
}

export interface Lesson {
  program: string;
  title: string;
  transport: "tcp" | "udp";
  steps: Step[];
  at: number;
  server: Side;
  client: Side;
  commands: { server: string; client: string };
  ended: boolean;
}
