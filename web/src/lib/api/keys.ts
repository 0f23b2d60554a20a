/** Under which the query cache has what more than one feature changes. */

export const tasksKey = ["tasks"] as const;
export const tagsKey = ["tags"] as const;
