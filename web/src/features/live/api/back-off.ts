const firstMs = 500;
const mostMs = 30_000;

/**
 * How long to wait before the next try after `failures` in a row: twice as long each time, up to half a minute.
 * `chance` (0 to 1) spreads the tabs that lost their connection at the same moment over half of that.
 */
export function backOffMs(failures: number, chance: number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** failures);
  return whole / 2 + (whole / 2) * chance;
}
