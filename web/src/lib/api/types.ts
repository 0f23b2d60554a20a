/** The nouns of the API, as the OpenAPI document says them. */

import type { components } from "./schema.gen.ts";

type Schemas = components["schemas"];

export type Task = Schemas["Task"];
export type TaskPage = Schemas["TaskPage"];
export type NewTask = Schemas["NewTask"];
export type TaskPatch = Schemas["TaskPatch"];
export type BulkChange = Schemas["BulkRequest"];
export type ImportResult = Schemas["ImportResult"];
export type RecurringTask = Schemas["RecurringTask"];
export type RecurringTaskPage = Schemas["RecurringTaskPage"];
export type NewRecurringTask = Schemas["NewRecurringTask"];
export type RecurringTaskPatch = Schemas["RecurringTaskPatch"];
export type SeriesStatus = Schemas["SeriesStatus"];
export type TaskInstance = Schemas["TaskInstance"];
export type InstanceStatus = Schemas["InstanceStatus"];
export type Status = Schemas["Status"];
export type Priority = Schemas["Priority"];
export type Tag = Schemas["Tag"];
export type User = Schemas["User"];
export type ApiToken = Schemas["ApiToken"];
