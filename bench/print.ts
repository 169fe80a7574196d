import type { SuiteResult } from './suite.ts';

/** A table, the bars and the notes on stdout. */
export function printResult(result: SuiteResult): void {
  const cells = [result.columns, ...result.rows.map((row) => row.map(formatCell))];
  const widths = result.columns.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  console.log(`\n${result.title}\n`);
  for (const row of cells) {
    console.log(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    );
  }
  console.log('');
  for (const { name, value, limit, unit } of result.bars) {
    console.log(
      `${value <= limit ? 'ok  ' : 'MISS'}  ${name}: ${formatCell(value)}${unit} (bar ${formatCell(limit)}${unit})`,
    );
  }
  for (const note of result.notes) console.log(`note  ${note}`);
}

function formatCell(cell: string | number): string {
  if (typeof cell === 'string') return cell;
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(Math.abs(cell) < 10 ? 3 : 1);
}
