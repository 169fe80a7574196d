/** Median of sorted numbers; 0 for none. */
export function medianOf(sorted: ArrayLike<number>): number {
  return medianBetween(sorted, 0, sorted.length);
}

/** Quartiles as medians of the lower and the upper half, without the middle element where the number is odd. */
export function quartilesOf(sorted: ArrayLike<number>): { lower: number; middle: number; upper: number } {
  const { length } = sorted;
  const half = length >> 1;
  const middle = medianOf(sorted);
  if (half === 0) return { lower: middle, middle, upper: middle };
  return { lower: medianBetween(sorted, 0, half), middle, upper: medianBetween(sorted, length - half, length) };
}

/** Median distance from the median: unlike the standard deviation, one long pause does not move it. */
export function medianDeviation(sorted: ArrayLike<number>): number {
  const middle = medianOf(sorted);
  const distances = Float64Array.from(sorted, (value) => Math.abs(value - middle)).sort();
  return medianOf(distances);
}

/** Population standard deviation over mean; `Infinity` where the mean is zero. */
export function variationOf(values: ArrayLike<number>): number {
  const { length } = values;
  let sum = 0;
  for (let index = 0; index < length; index++) sum += values[index]!;
  if (sum === 0) return Number.POSITIVE_INFINITY;
  const mean = sum / length;
  let squares = 0;
  for (let index = 0; index < length; index++) squares += (values[index]! - mean) ** 2;
  return Math.sqrt(squares / length) / mean;
}

/** To three decimals, as the published scores are. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function medianBetween(sorted: ArrayLike<number>, from: number, to: number): number {
  const count = to - from;
  if (count <= 0) return 0;
  const middle = from + (count >> 1);
  return count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
