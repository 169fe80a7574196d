import { type CaseStep, isFields, numberOf } from './case.ts';
import { StepProblem, type World } from './world.ts';

/** Something that happens at a moment of the case. @param at the same moment, Unix ms. */
export type Act = (world: World, at: number) => void;

/** An act and its moment. */
export interface Timed<A = Act> {
  /** Ms from the start of the case. */
  atMs: number;
  act: A;
  /** It belongs to the key step. */
  isKey: boolean;
}

/** Collects what happens, in any order. */
export interface Plan<A = Act> {
  /** @param t seconds from the start. @throws StepProblem when the case does too much. */
  at(t: number, act: A): void;
}

/** Translates one step. @throws StepProblem for words it cannot use. */
export type Translate<A = Act> = (step: StepWords, plan: Plan<A>) => void;

/** A step and typed access to its words. */
export interface StepWords {
  t: number;
  step: CaseStep;
  text(name: string): string;
  textOr<Otherwise>(name: string, otherwise: Otherwise): string | Otherwise;
  number(name: string, otherwise: number): number;
  list(name: string): string[] | undefined;
  fields(name: string): Record<string, unknown> | undefined;
  flag(name: string): boolean;
}

/** @throws StepProblem from its methods, naming the word that is missing or wrong. */
export function wordsOfStep(step: CaseStep): StepWords {
  const wrong = (name: string, what: string): never => {
    const given = (JSON.stringify(step[name]) ?? 'nothing').slice(0, 80);
    throw new StepProblem(`${step.do} at t=${step.t}: ${name} is ${given} and not ${what}`);
  };
  const isText = (value: unknown): value is string | number =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return {
    t: step.t,
    step,
    text(name) {
      const value = step[name];
      return isText(value) ? String(value) : wrong(name, 'a text');
    },
    textOr(name, otherwise) {
      const value = step[name];
      if (value === undefined || value === null) return otherwise;
      return isText(value) ? String(value) : wrong(name, 'a text');
    },
    number(name, otherwise) {
      const value = numberOf(step[name] ?? otherwise);
      return value ?? wrong(name, 'a number');
    },
    list(name) {
      const value = step[name];
      if (value === undefined || value === null) return undefined;
      if (Array.isArray(value)) return value.map(String);
      return isText(value) ? [String(value)] : wrong(name, 'a list');
    },
    fields(name) {
      const value = step[name];
      if (value === undefined || value === null) return undefined;
      return isFields(value) ? value : wrong(name, 'a map');
    },
    flag: (name) => step[name] === true || step[name] === 'true',
  };
}
