import { useApp } from 'ink';
import { useCallback } from 'react';

/**
 * Ctrl+Z. In raw mode the terminal sends no signal, so the program stops itself, after giving the terminal back, and
 * draws again when the shell continues it. The whole process group stops, as it would otherwise: npm and tsx above us
 * too. Where no shell could continue us the kernel ignores this signal, which is why it is not SIGSTOP.
 */
export function useSuspend(): () => Promise<void> {
  const { suspendTerminal } = useApp();
  return useCallback(async () => {
    if (process.platform === 'win32') return;
    await suspendTerminal(async () => {
      process.kill(0, 'SIGTSTP');
      // The signal arrives on the way back from the system call or soon after; the rest runs once continued.
      await new Promise(resolve => setTimeout(resolve, 20));
    });
  }, [suspendTerminal]);
}
