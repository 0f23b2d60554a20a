/** How many minutes before something is due one is usually reminded of it. */
export const usualReminderMinutes = [0, 10, 60, 24 * 60] as const;
