import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../../../lib/api/client.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import { refreshTasks } from "./cache.ts";

export type FileFormat = "json" | "csv" | "ical";

/** What files end in, and what the service calls what is in them. */
const files: Record<FileFormat, { readonly ending: string; readonly mediaType: string }> = {
  json: { ending: ".json", mediaType: "application/json" },
  csv: { ending: ".csv", mediaType: "text/csv" },
  ical: { ending: ".ics", mediaType: "text/calendar" },
};

/** The files that can be chosen, as an `<input>` takes it. */
export const acceptedFiles = Object.values(files)
  .flatMap(({ ending, mediaType }) => [ending, mediaType])
  .join();

/** Downloads all tasks as a file. */
export function useExport() {
  return useMutation({
    mutationFn: async (format: FileFormat) => {
      const content = await answer(
        api.GET("/api/tasks/export", { params: { query: { format } }, parseAs: "blob" }),
      );
      download(content, `rondo-tasks${files[format].ending}`);
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
  const known = Object.values(files).find(({ ending }) => name.endsWith(ending));
  if (known === undefined) {
    throw new ApiError("Choose a file that ends in .json, .csv or .ics.", 0);
  }
  return known.mediaType;
}

function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
