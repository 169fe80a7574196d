import type { Rule } from '../../types/rule.ts';
import { egr01 } from './egr-01.ts';
import { egr02 } from './egr-02.ts';
import { egr03 } from './egr-03.ts';
import { egr04 } from './egr-04.ts';
import { egr05 } from './egr-05.ts';
import { egr06 } from './egr-06.ts';
import { egr07 } from './egr-07.ts';
import { egr08 } from './egr-08.ts';
import { egr09 } from './egr-09.ts';
import { egr10 } from './egr-10.ts';
import { egr11 } from './egr-11.ts';
import { egr12 } from './egr-12.ts';
import { egr13 } from './egr-13.ts';
import { egr14 } from './egr-14.ts';
import { egr15 } from './egr-15.ts';
import { egr16 } from './egr-16.ts';
import { egr17 } from './egr-17.ts';
import { egr18 } from './egr-18.ts';
import { egr19 } from './egr-19.ts';
import { egr20 } from './egr-20.ts';
import { egr21 } from './egr-21.ts';
import { egr22 } from './egr-22.ts';
import { exp01 } from './exp-01.ts';
import { exp02 } from './exp-02.ts';
import { exp03 } from './exp-03.ts';
import { exp04 } from './exp-04.ts';
import { exp05 } from './exp-05.ts';
import { exp06 } from './exp-06.ts';
import { exp07 } from './exp-07.ts';
import { exp08 } from './exp-08.ts';
import { exp09 } from './exp-09.ts';
import { exp10 } from './exp-10.ts';
import { pos01 } from './pos-01.ts';
import { pos02 } from './pos-02.ts';
import { pos03 } from './pos-03.ts';
import { pos04 } from './pos-04.ts';
import { pos05 } from './pos-05.ts';
import { pos06 } from './pos-06.ts';
import { pos07 } from './pos-07.ts';
import { pos08 } from './pos-08.ts';

/** Every rule, in the order of the catalogue. Listed by hand: a file that is not named here judges nothing. */
export const ALL_RULES: readonly Rule[] = [
  exp01,
  exp02,
  exp03,
  exp04,
  exp05,
  exp06,
  exp07,
  exp08,
  exp09,
  exp10,
  pos01,
  pos02,
  pos03,
  pos04,
  pos05,
  pos06,
  pos07,
  pos08,
  egr01,
  egr02,
  egr03,
  egr04,
  egr05,
  egr06,
  egr07,
  egr08,
  egr09,
  egr10,
  egr11,
  egr12,
  egr13,
  egr14,
  egr15,
  egr16,
  egr17,
  egr18,
  egr19,
  egr20,
  egr21,
  egr22,
];
