import { useQuery } from "@tanstack/react-query";

import { loadEngine } from "../../../lib/recurrence/engine.ts";

/** The engine, loaded once for all that looks at rules. */
export function useEngine() {
  return useQuery({
    queryKey: ["recurrence-engine"],
    queryFn: loadEngine,
    staleTime: Infinity,
    gcTime: Infinity,
    structuralSharing: false,
  });
}
