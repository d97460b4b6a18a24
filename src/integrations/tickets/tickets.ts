/** What a person is asked to look at. */
export interface TicketRequest {
  /** Names the occasion: the same key always opens the same ticket. */
  key: string;
  customerId: string;
  feedbackId: string;
  subject: string;
  /** Why a person should look: `premium_customer`, `negative_high_value`, `critical_category`. */
  reason: string;
  priority: 'normal' | 'high' | 'urgent';
  openedAt: Date;
}

export interface Ticket {
  id: string;
  /** False when the ticket was there before. */
  opened: boolean;
}

/** Where work for people is kept. */
export interface TicketDesk {
  /** @throws GraphwrightError when the ticket could not be kept; asking again then opens it at most once. */
  openTicket(request: TicketRequest, signal?: AbortSignal): Promise<Ticket>;
}
