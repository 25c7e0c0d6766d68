/** Tells the one who watches which event was sent for which error. */
export function announce<Event extends { event_id?: string }>(event: Event): Event {
  console.info(`sent error ${event.event_id}`);
  return event;
}
