interface Sent {
  event_id?: string;
  tags?: { scenario?: unknown };
}

/** Tells the one who watches which event belongs to which scenario. */
export function announce<Event extends Sent>(event: Event): Event {
  console.info(`sent ${event.tags?.scenario} ${event.event_id}`);
  return event;
}
