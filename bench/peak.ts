/** `node bench/peak.ts <method> <pid,pid…>`: looks a few times and prints the peak memory of this process in MB. */
import { coldCycle, collectAndEnrich, LSOF, type Method, portable, SS, warmCycle } from './methods.ts';

const [wanted, pids = ''] = process.argv.slice(2);
const family = new Set(pids.split(',').map(Number));
const method = [warmCycle(family), collectAndEnrich(), coldCycle(family), SS, LSOF, await portable()].find(
  (candidate): candidate is Method => candidate?.name === wanted,
);
for (let round = 0; round < 5; round += 1) await method?.look();
console.log(process.resourceUsage().maxRSS / 1024);
