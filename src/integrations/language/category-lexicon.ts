import type { Category } from './language.ts';

/** What tells that a text is about something; lists of phrases with commas between them. */
export interface Subject {
  /** Found in every form: "price" also finds "prices", "priced" and "pricing". */
  anyForm: string;
  /** Found only as written: "security" must not find "securely". In lower case, contractions spelled out. */
  asWritten: string;
}

/**
 * What feedback is about. The last four bring in a person, so they take only what is hardly ever said of
 * something else: a broken headset is a product, and a charged battery is no bill.
 */
export const subjects: Readonly<Record<Exclude<Category, 'general'>, Subject>> = {
  product: {
    anyForm: `
      product, item, device, phone, headset, headphone, earphone, earpiece, earbud, charger, battery, cable, cord,
      adapter, screen, display, keyboard, camera, speaker, loudspeaker, microphone, button, plug, holster, model,
      hardware, material, leather, plastic, quality, design, durable, sturdy, flimsy, bulky, comfortable,
      uncomfortable, defective, broken, broke, build, fit, unit, feature, color, colour, accessory, package,
      volume, reception, app, software, bluetooth, toy, shirt, shoe, laptop, tablet, printer, machine`,
    asWritten: `
      sound, audio, case, size, works, not work, not working, never worked, stopped working, worked great,
      well made, fell apart, falls apart, falling apart, wore out, this thing`,
  },
  service: {
    anyForm: `
      service, support, staff, representative, salesperson, seller, vendor, technician, courier, help,
      shipping, shipment, deliver, delivery, hotline, call center, call centre, employee,
      waiter, waitress, receptionist, replacement`,
    asWritten: `
      customer care, support team, your team, the team, the agent, an agent, agents, shipped, arrived late,
      never arrived, on hold, called back, replied, reply, responded, rude, polite, courteous`,
  },
  pricing: {
    anyForm: `
      price, cost, expensive, inexpensive, affordable, overpriced, pricey, bargain, discount, cheap,
      dollar, buck, budget, coupon, fee, cost effective, rip off`,
    asWritten: `
      value for money, good value, great value, excellent value, the money, your money, my money, penny,
      great deal, good deal, best deal, a steal, pay, paid, paying, $, €, £`,
  },
  usability: {
    anyForm: `
      usability, usable, unusable, user friendly, user interface, interface, intuitive, confuse,
      complicated, navigate, navigation, instruction, manual, tutorial, learning curve, ergonomic, awkward,
      cumbersome, setup, layout, accessibility, user experience`,
    asWritten: `
      easy to use, easier to use, hard to use, difficult to use, simple to use, ease of use, easy to set up,
      set up, easy to install, hard to install, easy to understand, hard to understand, hard to find,
      figure out, ui, ux, menu, menus, convenient, inconvenient`,
  },
  performance: {
    anyForm: `
      performance, perform, speed, slow, sluggish, lag, laggy, latency, freeze, crash, unresponsive,
      responsive, timeout, throughput`,
    asWritten: `
      fast, faster, slowly, times out, timed out, takes forever, took forever, load time, loading time,
      loads quickly, loads in, froze, frozen, hangs, battery life, response time`,
  },
  bug: {
    anyForm: `
      bug, buggy, glitch, glitchy, crash, malfunction, error message, error code, stack trace,
      blue screen, data loss, broken link, infinite loop`,
    asWritten: `
      error, errors, exception, exceptions, error 404, error 500, lost my data, lost all my data, lost my work, does not load,
      will not load, does not open, does not save, will not save, fails to load, fails to save,
      fails to open, page is broken, site is broken, website is broken, app is broken, login is broken,
      feature is broken, button does nothing, software defect, defects`,
  },
  security: {
    anyForm: `
      hack, hacker, breach, phishing, malware, ransomware, spyware, vulnerability, vulnerable,
      unauthorized, unauthorised, identity theft, encrypt, data leak, fraud, fraudulent, exploit`,
    asWritten: `
      security, insecure, privacy, unauthorized charge, unauthorised charge, leaked, compromised, stolen data, stolen password, stole my data,
      password was stolen, data was stolen, account was stolen, card was stolen, two factor`,
  },
  billing: {
    anyForm: `
      invoice, refund, overcharge, double charge, credit card, debit card, bank statement, chargeback,
      payment`,
    asWritten: `
      billing, billed, my bill, the bill, a bill, our bill, bills, bank account, money back,
      subscription, subscriptions, receipt, receipts, charged twice, charged me, charged us, charged my,
      charged for, charged again, i was charged, we were charged, being charged, keep charging me,
      keeps charging me, wrong amount, unauthorized charge, unauthorised charge, direct debit`,
  },
  legal: {
    anyForm: `
      lawyer, attorney, lawsuit, solicitor, litigation, regulator, copyright, trademark, infringement,
      gdpr, ccpa, liability`,
    asWritten: `
      legal, legally, illegal, illegally, unlawful, against the law, suing, sued, sue you, sue the, sue them, to sue, will sue,
      terms of service, terms of use, terms and conditions, your terms, data protection,
      consumer protection, consumer rights, in court, to court, small claims, class action,
      breach of contract, false advertising`,
  },
};
