import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../../../lib/api/client.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import { refreshTasks } from "./cache.ts";

export type FileFormat = "json" | "csv";

/** Downloads all tasks as a file. */
export function useExport() {
  return useMutation({
    mutationFn: async (format: FileFormat) => {
      const content = await answer(
        api.GET("/api/tasks/export", { params: { query: { format } }, parseAs: "blob" }),
      );
      download(content, `rondo-tasks.${format}`);
    },
  });
}

/** Adds the tasks of a file to those that are there. */
export function useImport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (file: File) => {
      const content = await file.text();
      return answer(
        api.POST("/api/tasks/import", {
          body: content,
          bodySerializer: (text) => text,
          headers: { "content-type": mediaTypeOf(file) },
        }),
      );
    },
    onSettled: () => refreshTasks(queries),
  });
}

function mediaTypeOf(file: File): string {
  const name = file.name.toLowerCase();
  if (name.endsWith(".json")) return "application/json";
  if (name.endsWith(".csv")) return "text/csv";
  throw new ApiError("Choose a file that ends in .json or .csv.", 0);
}

function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
