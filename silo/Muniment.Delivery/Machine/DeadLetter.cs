namespace Muniment.Delivery.Machine;

/// <summary>An event that the destination refused for good. It stays in the journal; this is the note that it is missing there.</summary>
/// <param name="Seq">Which.</param>
/// <param name="EventId">Its id.</param>
/// <param name="Epoch">Epoch in which it was planned.</param>
/// <param name="N">Number that it had.</param>
/// <param name="Code">Why.</param>
/// <param name="Status">HTTP status, where there was one.</param>
/// <param name="Message">What was said.</param>
/// <param name="Attempts">Requests in which it was refused.</param>
/// <param name="First">When it was refused first.</param>
/// <param name="Last">When it was refused last.</param>
/// <param name="SizeBytes">Its rendered size.</param>
public sealed record DeadLetter(long Seq, string EventId, long Epoch, long N, string Code, int? Status, string Message, int Attempts, DateTimeOffset First, DateTimeOffset Last, int SizeBytes);
