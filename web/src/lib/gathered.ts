/** Runs `task` once for all the calls within `pauseMs`, at its end. */
export function gathered(task: () => void, pauseMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    call: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        task();
      }, pauseMs);
    },
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
