/**
 * Value of an option in the arguments that a gateway was started with, `--bind lan` or `--bind=lan`; the last one wins,
 * as in OpenClaw. An option without a value is as good as absent.
 */
export function flagValue(args: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  args.forEach((argument, index) => {
    if (argument === name) value = args[index + 1] ?? value;
    else if (argument.startsWith(`${name}=`)) value = argument.slice(name.length + 1);
  });
  return value;
}
