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
export type Reminder = Schemas["Reminder"];
export type NewReminder = Schemas["NewReminder"];
export type Notification = Schemas["Notification"];
export type NotificationPage = Schemas["NotificationPage"];
export type NotificationSettings = Schemas["NotificationSettings"];
export type NotificationSettingsPatch = Schemas["NotificationSettingsPatch"];
export type PushDevice = Schemas["PushSubscription"];
export type Status = Schemas["Status"];
export type Priority = Schemas["Priority"];
export type Tag = Schemas["Tag"];
export type User = Schemas["User"];
export type ApiToken = Schemas["ApiToken"];
