import type { Rule } from '../../types/rule.ts';
import { egr04 } from './egr-04.ts';
import { exp01 } from './exp-01.ts';
import { exp02 } from './exp-02.ts';
import { exp03 } from './exp-03.ts';
import { exp08 } from './exp-08.ts';
import { exp09 } from './exp-09.ts';
import { exp10 } from './exp-10.ts';
import { pos01 } from './pos-01.ts';
import { pos03 } from './pos-03.ts';
import { pos04 } from './pos-04.ts';
import { pos06 } from './pos-06.ts';
import { pos08 } from './pos-08.ts';

/** Every rule, in the order of the catalogue. Listed by hand: a file that is not named here judges nothing. */
export const ALL_RULES: readonly Rule[] = [
  exp01,
  exp02,
  exp03,
  exp08,
  exp09,
  exp10,
  pos01,
  pos03,
  pos04,
  pos06,
  pos08,
  egr04,
];
