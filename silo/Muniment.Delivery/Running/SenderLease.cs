using Muniment.Delivery.Kinds;

namespace Muniment.Delivery.Running;

/// <summary>A sender and how many requests use it, so that a new configuration can replace it while old requests end. Touched by the runner's loop only.</summary>
internal sealed class SenderLease(IDestinationSender sender)
{
    private int _users;
    private bool _retired;

    public IDestinationSender Take()
    {
        _users++;
        return sender;
    }

    public ValueTask ReturnAsync()
    {
        _users--;
        return _retired && _users == 0 ? sender.DisposeAsync() : ValueTask.CompletedTask;
    }

    public ValueTask RetireAsync()
    {
        _retired = true;
        return _users == 0 ? sender.DisposeAsync() : ValueTask.CompletedTask;
    }
}
